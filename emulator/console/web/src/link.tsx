import { Button, Link, type ButtonProps } from "@cloudscape-design/components";
import { type ReactNode } from "react";
import { useNavigate } from "react-router-dom";
import { useFollow } from "./layout";

/** A link to a page of the console. */
export function To({ to, children, inverted }: { to: string; children: ReactNode; inverted?: boolean }) {
  const follow = useFollow();
  return (
    <Link href={"/console" + to} onFollow={follow} color={inverted ? "inverted" : undefined}>
      {children}
    </Link>
  );
}

/** A button that leads to a page of the console. */
export function ButtonTo({ to, ...p }: ButtonProps & { to: string }) {
  const go = useNavigate();
  return (
    <Button
      {...p}
      href={"/console" + to}
      onFollow={(e) => {
        e.preventDefault();
        go(to);
      }}
    />
  );
}
