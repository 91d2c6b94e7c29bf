import { bareDescriptor, type Annotations, type Descriptor } from "../descriptor.js";
import { manifestDocument } from "../manifest.js";
import { ociEmpty, ociManifest } from "../media-types.js";
import type { NewManifest } from "../store.js";
import type { BundleFile } from "./bundle-file.js";

/** The configuration of a manifest that has none. */
export const emptyConfigBytes = Buffer.from("{}");
export const emptyConfig: Descriptor = {
  mediaType: ociEmpty,
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  size: 2,
};

/**
 * The manifest by which a bundle refers to its subject, member by member as cosign v3 writes it.
 * https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 * @param created RFC 3339 in UTC
 */
export function bundleManifest(bundle: BundleFile, subject: Descriptor, created: string): NewManifest {
  const { mediaType, digest, size } = bundle.descriptor;
  return manifestDocument({
    schemaVersion: 2,
    mediaType: ociManifest,
    config: {
      mediaType: ociEmpty,
      size: emptyConfig.size,
      digest: emptyConfig.digest,
      artifactType: mediaType,
    },
    layers: [{ mediaType, size, digest }],
    annotations: bundleAnnotations(bundle, created),
    subject: orderedSubject(subject),
    artifactType: mediaType,
  });
}

/** What the manifest says about the bundle; readers must not rely on it, since it is not signed. */
function bundleAnnotations(bundle: BundleFile, created: string): Annotations {
  return {
    "dev.sigstore.bundle.content": "dsse-envelope",
    "dev.sigstore.bundle.predicateType": bundle.content.header.predicateType,
    "org.opencontainers.image.created": created,
  };
}

/** The descriptor by which the manifest is listed: with what the specification copies into it. */
export function bundleReferrer(manifest: NewManifest, bundle: BundleFile, created: string): Descriptor {
  return {
    ...bareDescriptor(manifest.descriptor),
    artifactType: bundle.descriptor.mediaType,
    annotations: bundleAnnotations(bundle, created),
  };
}

function orderedSubject({ mediaType, size, digest }: Descriptor) {
  return { mediaType, size, digest };
}
