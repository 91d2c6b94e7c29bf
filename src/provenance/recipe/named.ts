/** Secrets, caches and services: by the call that makes them. */
import type { Call } from "../../recipe/index.js";
import { textArgument, typeName } from "./call.js";
import type { Reading } from "./reading.js";
import { secretAddress } from "./secret-address.js";

/** @param receiver the call that the given one is called on, where the graph has it */
export function readNamed({ draft, redactor, found }: Reading, call: Call, receiver: Call | undefined): void {
  const step = call.digest;
  if (call.receiver === undefined && call.field === "setSecret")
    draft.secrets.push({
      ...found,
      name: redactor.text(textArgument(call, "name") ?? ""),
      provider: "set",
      step,
    });
  if (call.receiver === undefined && call.field === "secret")
    draft.secrets.push({ ...found, ...secretAddress(textArgument(call, "uri") ?? "", redactor), step });
  if (call.field === "secret" && receiver?.field === "address")
    draft.secrets.push({ ...found, ...secretAddress(textArgument(receiver, "value") ?? "", redactor), step });
  if (call.receiver === undefined && call.field === "cacheVolume") {
    const namespace = textArgument(call, "namespace");
    const key = redactor.text(textArgument(call, "key") ?? "");
    draft.caches.push({ ...found, key, ...(namespace === undefined ? {} : { namespace }), step });
  }
  if (typeName(call) === "Socket")
    draft.notes.push("a socket of the host was at hand: what went over it is not recorded");
  if (call.field === "withServiceBinding")
    draft.services.push({ ...found, name: redactor.text(textArgument(call, "alias") ?? ""), step });
}
