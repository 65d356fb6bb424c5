import { useCallback, useEffect, useRef, useState } from "react";
import { AWSError } from "./api";

export interface Loaded<T> {
  value?: T;
  error?: AWSError;
  loading: boolean;
  reload: () => void;
}

/** Loads something now and whenever a dependency changes. An answer that comes after that is dropped. */
export function useLoad<T>(load: () => Promise<T>, dependencies: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: AWSError; loading: boolean }>({ loading: true });
  const turn = useRef(0);
  const run = useCallback(() => {
    const mine = ++turn.current;
    setState((old) => ({ ...old, loading: true }));
    load().then(
      (value) => mine === turn.current && setState({ value, loading: false }),
      (e) => {
        const error = e instanceof AWSError ? e : new AWSError("InternalFailure", String(e), 0, "");
        if (mine === turn.current) setState({ error, loading: false });
      },
    );
  }, dependencies);
  useEffect(() => {
    run();
    return () => void turn.current++;
  }, [run]);
  return { ...state, reload: run };
}
