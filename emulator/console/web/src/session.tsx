// Who is signed in.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { AWSError, onSessionOver, own, setToken } from "./api";

export interface Identity {
  type: "Root" | "IAMUser" | "AssumedRole";
  account: string;
  accountName: string;
  alias?: string;
  name: string; // the user's, or ROLE/SESSION
  arn: string;
}
export interface SwitchedRole {
  account: string;
  roleName: string;
  displayName: string;
  color: string;
}
export interface Session {
  identity: Identity;
  signedIn: Identity; // who signed in; the same unless a role was switched to
  role?: SwitchedRole;
  token: string;
}

interface Value {
  session: Session | null | undefined; // undefined: not known yet
  accept: (session: Session) => void;
  signOut: () => Promise<void>;
  switchBack: () => Promise<void>;
  region: string;
  setRegion: (region: string) => void;
}

const Context = createContext<Value | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null | undefined>();
  const [region, setRegion] = useState(localStorage.getItem("xemu-region") || "us-east-1");

  const accept = useCallback((s: Session) => {
    setToken(s.token);
    setSession(s);
  }, []);
  useEffect(() => {
    onSessionOver(() => setSession(null));
    own<Session>("GET", "session").then(accept, (e) => {
      if (e instanceof AWSError) setSession(null);
    });
  }, [accept]);
  const value = useMemo<Value>(
    () => ({
      session,
      accept,
      region,
      setRegion: (r) => {
        localStorage.setItem("xemu-region", r);
        setRegion(r);
      },
      signOut: async () => {
        await own("POST", "signout", {});
        setToken("");
        setSession(null);
      },
      switchBack: async () => accept(await own<Session>("POST", "switchback", {})),
    }),
    [session, accept, region],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const useSessionContext = () => useContext(Context)!;

/** The session on pages that only somebody who is signed in sees. */
export const useSession = () => useSessionContext().session!;

// Roles that were switched to, newest first, kept in the browser as AWS's console does.
const historyKey = "xemu-role-history";
export function roleHistory(): SwitchedRole[] {
  try {
    return JSON.parse(localStorage.getItem(historyKey) || "[]");
  } catch {
    return [];
  }
}
export function remember(role: SwitchedRole) {
  const others = roleHistory().filter((r) => r.account !== role.account || r.roleName !== role.roleName);
  localStorage.setItem(historyKey, JSON.stringify([role, ...others].slice(0, 5)));
}
