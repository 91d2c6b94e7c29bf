import { X509Certificate } from "@sigstore/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rememberResults } from "../../src/verification/remember.js";
import { servicesClock, startSigstore, type SigstoreDouble } from "../signing/sigstore-double.js";

let sigstore: SigstoreDouble;
beforeAll(async () => {
  sigstore = await startSigstore(servicesClock());
});
afterAll(() => sigstore.stop());

type Root = Record<"certificateAuthorities" | "timestampAuthorities", readonly Authority[]>;
type Authority = { readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] } };

function chains(): Buffer<ArrayBuffer>[][] {
  const root = JSON.parse(sigstore.trustedRoot) as Root;
  return [...root.certificateAuthorities, ...root.timestampAuthorities].map(({ certChain }) =>
    certChain.certificates.map(({ rawBytes }) => Buffer.from(rawBytes, "base64")),
  );
}

test("a certificate that remembers answers as one that does not, the first time and later", () => {
  for (const der of chains().flat()) {
    const plain = X509Certificate.parse(der);
    const kept = rememberResults(X509Certificate.parse(der));
    for (let time = 0; time < 2; time += 1) {
      expect(kept.root.toDER()).toEqual(der);
      expect(kept.tbsCertificate.toDER()).toEqual(plain.tbsCertificate.toDER());
      expect(kept.publicKey).toEqual(plain.publicKey);
      expect(kept.clone().root.toDER()).toEqual(der);
      expect(kept.equals(plain)).toBe(true);
    }
  }
});

test("what one issuer answered is not taken for another's answer", () => {
  const [authority = [], stamps = []] = chains();
  const [leaf, ...issuers] = [...authority, ...stamps].map((der) =>
    rememberResults(X509Certificate.parse(der)),
  );
  const answers = () => issuers.map((issuer) => leaf?.verify(issuer));
  const plain = [...authority, ...stamps].map((der) => X509Certificate.parse(der));
  const expected = plain.slice(1).map((issuer) => plain[0]?.verify(issuer));
  expect(answers()).toEqual(expected);
  expect(answers()).toEqual(expected);
});

test("a changed certificate is verified wherever, and only where, the library verifies it", () => {
  const [[der = Buffer.alloc(0)] = []] = chains();
  const issuer = X509Certificate.parse(der);
  const remembering = rememberResults(X509Certificate.parse(der));
  expect(remembering.verify()).toBe(true);
  for (let at = 0; at < der.length; at += 1) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const plain = outcome(() => X509Certificate.parse(changed).verify(issuer));
    expect([at, outcome(() => rememberResults(X509Certificate.parse(changed)).verify(remembering))]).toEqual([
      at,
      plain,
    ]);
  }
});

function outcome(verify: () => boolean): boolean | "unreadable" {
  try {
    return verify();
  } catch {
    return "unreadable";
  }
}
