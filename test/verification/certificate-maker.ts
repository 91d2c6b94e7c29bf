import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A certificate authority that issues whatever it is told to, DER byte for byte. */
export type Authority = {
  /** The self-signed root, DER. */
  readonly root: Buffer;
  issue(wish?: Wish): Issued;
};

export type Issued = { readonly certificate: Buffer; readonly privateKey: KeyObject };

export type Wish = {
  /** All extensions, in the place of the usual ones. */
  readonly extensions?: readonly Buffer[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Common name of the issuer that the certificate claims. */
  readonly issuer?: string;
  /** Signs in the place of the authority's key. */
  readonly signWith?: KeyObject;
};

export const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
export const issuer = "https://token.actions.githubusercontent.com";

/** Tag, length and content of one DER element. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const bytes = length
    .toString(16)
    .padStart(length.toString(16).length + (length.toString(16).length % 2), "0");
  const long = Buffer.from(bytes, "hex");
  const size =
    length < 0x80 ? Buffer.from([length]) : Buffer.concat([Buffer.from([0x80 | long.length]), long]);
  return Buffer.concat([Buffer.from([tag]), size, content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents);
const ascii = (text: string): Buffer => Buffer.from(text, "latin1");

export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const groups = (value: number): number[] =>
    value < 0x80 ? [value] : [...groups(value >>> 7).map((byte) => byte | 0x80), value & 0x7f];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(groups)]));
}

/** @param value what the extension holds, DER */
export function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

type Name = readonly [kind: "uri" | "email" | "dns" | "other", value: string | Buffer];

/** Subject alternative names. */
export function names(...given: readonly Name[]): Buffer {
  const tags = { uri: 0x86, email: 0x81, dns: 0x82, other: 0xa0 };
  const elements = given.map(([kind, value]) =>
    der(tags[kind], typeof value === "string" ? ascii(value) : value),
  );
  return extension("2.5.29.17", sequence(...elements), true);
}

export const issuerV1 = (text: string | Buffer = issuer): Buffer =>
  extension("1.3.6.1.4.1.57264.1.1", typeof text === "string" ? ascii(text) : text);
export const issuerV2 = (text: string = issuer): Buffer =>
  extension("1.3.6.1.4.1.57264.1.8", der(0x0c, Buffer.from(text)));
export const codeSigning = extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.3")));
export const clientAuthentication = extension("2.5.29.37", sequence(objectId("1.3.6.1.5.5.7.3.2")));
export const digitalSignature = extension("2.5.29.15", Buffer.from([0x03, 0x02, 0x07, 0x80]), true);
export const keyAgreement = extension("2.5.29.15", Buffer.from([0x03, 0x02, 0x03, 0x08]), true);
export const authorityConstraint = extension("2.5.29.19", sequence(der(0x01, Buffer.from([0xff]))), true);
const certificateSigning = extension("2.5.29.15", Buffer.from([0x03, 0x02, 0x02, 0x04]), true);

export const usual: readonly Buffer[] = [digitalSignature, codeSigning, names(["uri", identity]), issuerV2()];

export function makeAuthority(name = "a test authority"): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const validity = ["20200101000000Z", "20990101000000Z"] as const;
  return {
    root: certificate(name, name, publicKey, validity, [authorityConstraint, certificateSigning], privateKey),
    issue({
      extensions = usual,
      notBefore = "20200101000000Z",
      notAfter = "20990101000000Z",
      issuer: by = name,
      signWith = privateKey,
    } = {}) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const made = certificate(by, "", leaf.publicKey, [notBefore, notAfter], extensions, signWith);
      return { certificate: made, privateKey: leaf.privateKey };
    },
  };
}

const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));

function certificate(
  issuedBy: string,
  subject: string,
  key: KeyObject,
  validity: readonly [string, string],
  extensions: readonly Buffer[],
  signWith: KeyObject,
): Buffer {
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([7])),
    ecdsaWithSha256,
    commonName(issuedBy),
    sequence(...validity.map((time) => der(0x18, ascii(time)))),
    commonName(subject),
    key.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", tbs, signWith);
  return sequence(tbs, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
}

function commonName(text: string): Buffer {
  if (text === "") return sequence();
  return sequence(der(0x31, sequence(objectId("2.5.4.3"), der(0x0c, Buffer.from(text)))));
}
