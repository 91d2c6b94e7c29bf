import { func, object } from "@dagger.io/dagger";

/** One platform of an image. */
@object()
export class AttestPlatform {
  /** As in `linux/arm64/v8`, or `windows/amd64:10.0.20348.1`; "" when the image does not say. */
  @func()
  platform: string;

  /** Digest of its manifest: `sha256:` and 64 hexadecimal characters. */
  @func()
  digest: string;

  constructor(platform: string, digest: string) {
    this.platform = platform;
    this.digest = digest;
  }
}
