import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { seal } from "./seal.mjs";

export default defineConfig({
  base: "/console/",
  plugins: [react(), seal()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000,
    assetsInlineLimit: 0, // data: URLs would need another rule in the content security policy
  },
});
