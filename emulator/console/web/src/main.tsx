import "@cloudscape-design/global-styles/index.css";
import "./style.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import { App } from "./app";
import { NotifyProvider } from "./notify";
import { SessionProvider } from "./session";

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <BrowserRouter basename="/console">
      <NotifyProvider>
        <SessionProvider>
          <App />
        </SessionProvider>
      </NotifyProvider>
    </BrowserRouter>
  </StrictMode>,
);
