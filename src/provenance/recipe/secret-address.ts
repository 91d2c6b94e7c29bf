/** Names of secrets, from addresses that may lead to them. */
import type { Redactor } from "../redact.js";

/** `env://TOKEN` and `env:TOKEN` name a variable; of other providers only the last part of the address is a name. */
export function secretAddress(uri: string, redactor: Redactor): { name: string; provider: string } {
  const [, provider = "", rest = uri] = /^([a-z][a-z0-9+.-]*):(?:\/\/)?(.*)$/s.exec(uri) ?? [];
  const name = provider === "cmd" ? "command" : (rest.split(/[?#]/, 1)[0]?.split("/").at(-1) ?? "");
  return { name: redactor.text(name), provider: provider === "" ? "unknown" : provider };
}
