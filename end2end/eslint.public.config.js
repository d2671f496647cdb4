// The scripts of public/: plain scripts for browsers, served as they are.
import js from "@eslint/js";
import { defineConfig } from "eslint/config";

const SHARED = "caches clearTimeout fetch location navigator setTimeout Response URL URLSearchParams";
const OF_PAGES = "addEventListener document history localStorage sessionStorage PerformanceObserver WebAssembly";

export default defineConfig(
  js.configs.recommended,
  {
    languageOptions: { sourceType: "script", ecmaVersion: 2022 },
    rules: { "no-var": "error", "prefer-const": "error" },
  },
  // The parts of the worker know each other's names; what is not there shows when it runs.
  { files: ["public/sw*.js"], rules: { "no-undef": "off", "no-unused-vars": "off" } },
  {
    files: ["public/shell.js"],
    languageOptions: {
      globals: Object.fromEntries(`${SHARED} ${OF_PAGES}`.split(" ").map((name) => [name, "readonly"])),
    },
  },
);
