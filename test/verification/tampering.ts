import { sign } from "node:crypto";
import { artifactBytes, makeKey, signValue, statement, type KeyPair } from "./support.js";
import type { Attack } from "./attacks.js";

/** A bundle as a JSON value that can be bent. */
export type Bendable = {
  mediaType?: unknown;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: {
    payload: string;
    payloadType: string;
    signatures: { sig: string; keyid?: string }[];
  } & Record<string, unknown>;
} & Record<string, unknown>;

type Bend = (bundle: Bendable, key: KeyPair) => void | Promise<void>;

/** Signs a good statement and bends the bundle. */
export function bent(name: string, code: string, bend: Bend): Attack {
  return [
    name,
    code,
    async (key) => {
      const bundle = JSON.parse((await signValue(statement(), key)).toString("utf8")) as Bendable;
      await bend(bundle, key);
      return JSON.stringify(bundle);
    },
  ];
}

/** Signs a good statement and bends the text of the bundle. */
function rewritten(name: string, code: string, rewrite: (text: string) => string | Buffer): Attack {
  return [name, code, async (key) => rewrite((await signValue(statement(), key)).toString("utf8"))];
}

function firstSignature(bundle: Bendable): { sig: string; keyid?: string } {
  const [first] = bundle.dsseEnvelope.signatures;
  if (first === undefined) throw new Error("no signature");
  return first;
}

const payloadOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** What was signed, or with what, was changed afterwards. */
export const signatureAttacks: readonly Attack[] = [
  bent("another payload", "SIGNATURE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = payloadOf(statement({ predicate: { verdict: "evil" } }));
  }),
  bent("white space in the payload", "SIGNATURE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = Buffer.from(`${JSON.stringify(statement())} `).toString("base64");
  }),
  bent("another payload type", "SIGNATURE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payloadType = "application/json";
  }),
  bent("the payload type with a blank", "SIGNATURE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payloadType += " ";
  }),
  bent("a signature of zeros", "SIGNATURE_INVALID", (bundle) => {
    firstSignature(bundle).sig = Buffer.alloc(71).toString("base64");
  }),
  bent("a signature of one byte", "SIGNATURE_INVALID", (bundle) => {
    firstSignature(bundle).sig = "AA==";
  }),
  bent("r and s zero", "SIGNATURE_INVALID", (bundle) => {
    firstSignature(bundle).sig = Buffer.from("3006020100020100", "hex").toString("base64");
  }),
  bent("bytes after the signature", "SIGNATURE_INVALID", (bundle) => {
    const first = firstSignature(bundle);
    first.sig = Buffer.concat([Buffer.from(first.sig, "base64"), Buffer.from([0])]).toString("base64");
  }),
  bent("a signature without pre-authentication encoding", "SIGNATURE_INVALID", (bundle, key) => {
    const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64");
    firstSignature(bundle).sig = sign("sha256", payload, key.privateKey).toString("base64");
  }),
  bent("a signature over the base64", "SIGNATURE_INVALID", (bundle, key) => {
    const encoding = `DSSEv1 28 application/vnd.in-toto+json ${bundle.dsseEnvelope.payload.length} ${bundle.dsseEnvelope.payload}`;
    firstSignature(bundle).sig = sign("sha256", Buffer.from(encoding), key.privateKey).toString("base64");
  }),
  bent("a raw r and s signature", "SIGNATURE_INVALID", (bundle, key) => {
    const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64");
    const encoding = Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
      payload,
    ]);
    firstSignature(bundle).sig = sign("sha256", encoding, {
      key: key.privateKey,
      dsaEncoding: "ieee-p1363",
    }).toString("base64");
  }),
  bent("a signature with SHA-512", "SIGNATURE_INVALID", (bundle, key) => {
    const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64");
    const encoding = Buffer.concat([
      Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
      payload,
    ]);
    firstSignature(bundle).sig = sign("sha512", encoding, key.privateKey).toString("base64");
  }),
  bent("a signature of the artifact", "SIGNATURE_INVALID", (bundle, key) => {
    firstSignature(bundle).sig = sign("sha256", artifactBytes, key.privateKey).toString("base64");
  }),
  [
    "another key under this hint",
    "SIGNATURE_INVALID",
    async (key) => {
      const bundle = JSON.parse((await signValue(statement(), makeKey())).toString("utf8")) as Bendable;
      bundle.verificationMaterial["publicKey"] = { hint: key.trusted.hint };
      return JSON.stringify(bundle);
    },
  ],
  ["another key", "KEY_UNTRUSTED", () => signValue(statement(), makeKey())],
  bent("the hint of another key", "KEY_UNTRUSTED", (bundle) => {
    bundle.verificationMaterial["publicKey"] = { hint: makeKey().trusted.hint };
  }),
  bent("a hint of its own", "KEY_UNTRUSTED", (bundle) => {
    bundle.verificationMaterial["publicKey"] = { hint: "release-key" };
  }),
  bent("the keyid of another key", "KEY_UNTRUSTED", (bundle) => {
    firstSignature(bundle).keyid = makeKey().trusted.hint;
  }),
  bent("a certificate in the place of the key", "SIGNER_KIND", (bundle) => {
    bundle.verificationMaterial = { certificate: { rawBytes: "MIIB" } };
  }),
];

/** The bundle is not one, or more than one. */
export const bundleAttacks: readonly Attack[] = [
  ["nothing", "BUNDLE_INVALID", () => Promise.resolve("")],
  ["blanks", "BUNDLE_INVALID", () => Promise.resolve(" \n")],
  ["null", "BUNDLE_INVALID", () => Promise.resolve("null")],
  ["a list", "BUNDLE_INVALID", () => Promise.resolve("[]")],
  ["a text", "BUNDLE_INVALID", () => Promise.resolve('"bundle"')],
  ["an empty object", "BUNDLE_INVALID", () => Promise.resolve("{}")],
  ["the statement itself", "BUNDLE_INVALID", () => Promise.resolve(JSON.stringify(statement()))],
  ["a PEM file", "BUNDLE_INVALID", (key) => Promise.resolve(key.publicPem)],
  rewritten("cut short", "BUNDLE_INVALID", (text) => text.slice(0, -1)),
  rewritten("a second bundle behind it", "BUNDLE_INVALID", (text) => text + text),
  rewritten("text behind it", "BUNDLE_INVALID", (text) => `${text} x`),
  rewritten("a zero byte behind it", "BUNDLE_INVALID", (text) => `${text}\0`),
  rewritten("a byte order mark", "BUNDLE_INVALID", (text) => `\ufeff${text}`),
  rewritten("UTF-16", "BUNDLE_INVALID", (text) => Buffer.from(text, "utf16le")),
  rewritten("in a list", "BUNDLE_INVALID", (text) => `[${text}]`),
  rewritten("payload twice", "BUNDLE_INVALID", (text) =>
    text.replace('"payload":', '"payload":"AA==","payload":'),
  ),
  rewritten("dsseEnvelope twice", "BUNDLE_INVALID", (text) => `${text.slice(0, -1)},"dsseEnvelope":{}}`),
  rewritten("sig twice", "BUNDLE_INVALID", (text) => text.replace('"sig":', '"sig":"AA==","sig":')),
  rewritten("Payload beside payload", "BUNDLE_INVALID", (text) =>
    text.replace('"payload":', '"Payload":"AA==","payload":'),
  ),
  rewritten("MediaType beside mediaType", "BUNDLE_INVALID", (text) => `{"MediaType":"x",${text.slice(1)}`),
  rewritten("PayloadType for payloadType", "BUNDLE_INVALID", (text) =>
    text.replace('"payloadType"', '"PayloadType"'),
  ),
  rewritten("snake case", "BUNDLE_INVALID", (text) => text.replace('"dsseEnvelope"', '"dsse_envelope"')),
  rewritten("an unknown field", "BUNDLE_INVALID", (text) => `{"note":"x",${text.slice(1)}`),
  rewritten("an unknown field in the envelope", "BUNDLE_INVALID", (text) =>
    text.replace('"payload":', '"note":1,"payload":'),
  ),
  ...[
    "application/vnd.dev.sigstore.bundle.v0.9+json",
    "application/vnd.dev.sigstore.bundle.v0.2+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.4",
    "application/vnd.dev.sigstore.bundle.v0.3+json ",
    "application/json",
    "",
    null,
    3,
  ].map((mediaType) =>
    bent(`media type ${JSON.stringify(mediaType)}`, "BUNDLE_INVALID", (bundle) => {
      bundle.mediaType = mediaType;
    }),
  ),
  bent("no media type", "BUNDLE_INVALID", (bundle) => {
    delete bundle.mediaType;
  }),
  bent("no signature", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.signatures = [];
  }),
  bent("the same signature twice", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.signatures.push(firstSignature(bundle));
  }),
  bent("a bad and a good signature", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.signatures.unshift({ sig: "AAAA" });
  }),
  bent("signatures null", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { signatures: null });
  }),
  bent("signatures an object", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { signatures: firstSignature(bundle) });
  }),
  bent("a null signature", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { signatures: [null] });
  }),
  bent("an empty signature", "BUNDLE_INVALID", (bundle) => {
    firstSignature(bundle).sig = "";
  }),
  bent("a signature that is no base64", "BUNDLE_INVALID", (bundle) => {
    firstSignature(bundle).sig = "!!!!";
  }),
  bent("a signature with a line break", "BUNDLE_INVALID", (bundle) => {
    const first = firstSignature(bundle);
    first.sig = `${first.sig.slice(0, 40)}\n${first.sig.slice(40)}`;
  }),
  bent("a signature in both alphabets", "BUNDLE_INVALID", (bundle) => {
    firstSignature(bundle).sig = "+-AA";
  }),
  bent("a payload with a line break", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = `${bundle.dsseEnvelope.payload.slice(0, 76)}\n${bundle.dsseEnvelope.payload.slice(76)}`;
  }),
  bent("a payload with stray bits", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = `${bundle.dsseEnvelope.payload.replace(/=+$/, "").slice(0, -3)}QR`;
  }),
  bent("a payload with too much padding", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload += "=";
  }),
  bent("an empty payload", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = "";
  }),
  bent("a null payload", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { payload: null });
  }),
  bent("a payload that is an object", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { payload: statement() });
  }),
  bent("a payload type that is none", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle.dsseEnvelope, { payloadType: null });
  }),
  bent("no verification material", "BUNDLE_INVALID", (bundle) => {
    Object.assign(bundle, { verificationMaterial: null });
  }),
  bent("empty verification material", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial = {};
  }),
  bent("a key and a certificate", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["certificate"] = { rawBytes: "AAAA" };
  }),
  bent("a certificate chain in v0.3", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial = { x509CertificateChain: { certificates: [{ rawBytes: "AAAA" }] } };
  }),
  bent("an empty certificate chain", "BUNDLE_INVALID", (bundle) => {
    bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
    bundle.verificationMaterial = { x509CertificateChain: { certificates: [] } };
  }),
  bent("a message signature beside the envelope", "BUNDLE_INVALID", (bundle) => {
    bundle["messageSignature"] = {
      messageDigest: { algorithm: "SHA2_256", digest: "AAAA" },
      signature: "AAAA",
    };
  }),
  bent("a message signature alone", "NO_STATEMENT", (bundle) => {
    Object.assign(bundle, {
      dsseEnvelope: null,
      messageSignature: { messageDigest: { algorithm: "SHA2_256", digest: "AAAA" }, signature: "AAAA" },
    });
  }),
  bent("33 log entries", "BUNDLE_INVALID", (bundle) => {
    const entry = {
      logId: { keyId: "AAAA" },
      kindVersion: { kind: "dsse", version: "0.0.1" },
      canonicalizedBody: "AAAA",
    };
    bundle.verificationMaterial["tlogEntries"] = Array.from({ length: 33 }, () => entry);
  }),
  bent("33 timestamps", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["timestampVerificationData"] = {
      rfc3161Timestamps: Array.from({ length: 33 }, () => ({ signedTimestamp: "AAAA" })),
    };
  }),
  bent("a negative log index", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["tlogEntries"] = [
      {
        logIndex: "-1",
        logId: { keyId: "AAAA" },
        kindVersion: { kind: "dsse", version: "0.0.1" },
        canonicalizedBody: "AAAA",
      },
    ];
  }),
  bent("a log index with a fraction", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["tlogEntries"] = [
      {
        logIndex: 1.5,
        logId: { keyId: "AAAA" },
        kindVersion: { kind: "dsse", version: "0.0.1" },
        canonicalizedBody: "AAAA",
      },
    ];
  }),
  bent("a log entry without kind", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["tlogEntries"] = [{ logId: { keyId: "AAAA" }, canonicalizedBody: "AAAA" }];
  }),
];
