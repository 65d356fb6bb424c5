// The messages at the top of the page.
import { Flashbar, type FlashbarProps } from "@cloudscape-design/components";
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { AWSError } from "./api";
import { WhyDenied } from "./denied";

interface Notify {
  done: (text: ReactNode) => void;
  failed: (what: string, error: unknown) => void;
  clear: () => void;
}
const Context = createContext<Notify | null>(null);
const Items = createContext<FlashbarProps.MessageDefinition[]>([]);

let last = 0;

export function NotifyProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const notify = useMemo<Notify>(() => {
    const add = (item: FlashbarProps.MessageDefinition) => {
      const id = String(++last);
      const dismiss = () => setItems((old) => old.filter((i) => i.id !== id));
      // What succeeded before has been seen by now; what failed stays.
      setItems((old) => [{ ...item, id, dismissible: true, onDismiss: dismiss, dismissLabel: "Dismiss message" }, ...old.filter((i) => i.type === "error")].slice(0, 4));
    };
    return {
      clear: () => setItems([]),
      done: (text) => add({ type: "success", content: text }),
      failed: (what, error) => {
        if (!(error instanceof AWSError)) return add({ type: "error", header: what, content: String(error) });
        add({
          type: "error",
          header: what,
          content: (
            <>
              {error.message}
              {error.requestId && <div className="request-id">{error.code}, request ID {error.requestId}</div>}
            </>
          ),
          action: error.denied ? <WhyDenied requestId={error.requestId} /> : undefined,
        });
      },
    };
  }, []);
  return (
    <Context.Provider value={notify}>
      <Items.Provider value={items}>{children}</Items.Provider>
    </Context.Provider>
  );
}

export const useNotify = () => useContext(Context)!;
export const Notifications = () => <Flashbar items={useContext(Items)} stackItems />;
