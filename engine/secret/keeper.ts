/** Secrets of a session: plaintexts stay in memory; what leaves it is a hash that only this store can make. */
import { randomBytes, scryptSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Store, isErrno } from "../store/store.js";

export type SecretValue = {
  readonly kind: "secret";
  readonly name: string;
  /** As `secret(uri:)` was given it; "" for setSecret. */
  readonly uri: string;
  readonly plaintext: () => Promise<string>;
};

export type SecretKeeper = {
  /** The same for the same plaintext, and of no use to whoever lacks the store: to tell secrets apart in keys. */
  fingerprint(plaintext: string): string;
};

export function openSecretKeeper(store: Store): SecretKeeper {
  const salt = readSalt(join(store.root, "salt"));
  const known = new Map<string, string>();
  return {
    fingerprint: (plaintext) => {
      const made = known.get(plaintext) ?? scryptSync(plaintext, salt, 32).toString("hex");
      known.set(plaintext, made);
      return made;
    },
  };
}

function readSalt(path: string): Buffer {
  try {
    // "wx": of two engines that start at once, one makes the salt.
    writeFileSync(path, randomBytes(32), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  return readFileSync(path);
}

/** Replaces plaintexts in what a program printed. */
export function scrub(output: Buffer, plaintexts: readonly string[]): Buffer {
  let text = output;
  for (const plaintext of [...plaintexts].sort((a, b) => b.length - a.length)) {
    for (const form of new Set([plaintext, plaintext.trim()])) {
      if (form !== "") text = replaceBytes(text, Buffer.from(form), Buffer.from("***"));
    }
  }
  return text;
}

function replaceBytes(text: Buffer, searched: Buffer, replacement: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = text.indexOf(searched); at !== -1; at = text.indexOf(searched, from)) {
    parts.push(text.subarray(from, at), replacement);
    from = at + searched.length;
  }
  return parts.length === 0 ? text : Buffer.concat([...parts, text.subarray(from)]);
}
