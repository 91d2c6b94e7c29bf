/**
 * How another module makes, signs and verifies attestations: one function per thing to do.
 *
 * A module can't return another module's types on Dagger v0.21. So these return the `File` that
 * everything ends in, and take the `File`s that others made.
 */
import {
  dag,
  func,
  object,
  type Container,
  type Directory,
  type File,
  type Secret,
  type Service,
} from "@dagger.io/dagger";

@object()
export class Examples {
  /** An SBOM of a container as an in-toto statement: the container's image is its subject. */
  @func()
  attestSbom(app: Container): File {
    return dag.attest().sbom({ container: app, name: "registry.example/team/app" }).asFile();
  }

  /** The same, signed with a private key: a Sigstore bundle that cosign verifies. */
  @func({ cache: "session" })
  attestSbom_signed(app: Container, key: Secret, passphrase: Secret): File {
    return dag.attest().sbom({ container: app }).sign({ key, passphrase }).asFile();
  }

  /** A release in one call: pushed with SBOM and provenance, signed, attached, read back and verified. */
  @func({ cache: "never" })
  async attestPublish(app: Container, address: string, key: Secret, passphrase: Secret): Promise<string> {
    return dag.attest().publish(app, address, { sbom: true, provenance: true, key, passphrase }).reference();
  }

  /** The same where the registry is a service: one of the session, or with `tcp://localhost:5000` one of the host. */
  @func({ cache: "never" })
  async attestPublish_service(
    app: Container,
    registry: Service,
    key: Secret,
    passphrase: Secret,
  ): Promise<string> {
    return dag
      .attest()
      .publish(app, "localhost:5000/team/app:1", {
        registryService: registry,
        provenance: true,
        key,
        passphrase,
      })
      .reference();
  }

  /** An attestation of this module's own: which licence files a source tree has. */
  @func()
  async attestStatement_licences(source: Directory): Promise<File> {
    const found = await source.glob("**/LICEN[CS]E*");
    const predicate = JSON.stringify({ scanner: "glob", licences: found.sort() });
    return dag
      .attest()
      .statement("https://example.com/licences/v1", dag.file("licences.json", predicate))
      .withSubjectDirectory(source, { name: "source" })
      .asFile();
  }

  /** What several modules said of one build, signed at once: a directory with a bundle for each. */
  @func({ cache: "session" })
  attestCollect(app: Container, report: File, others: File[], key: Secret, passphrase: Secret): Directory {
    const sbom = dag.attest().sbom({ container: app });
    const tests = dag.attest().testResult([report]).withSubjectContainer(app);
    return dag
      .attest()
      .collect({ attestations: [sbom, tests], files: others })
      .sign({ key, passphrase })
      .directory();
  }

  /** A build that ships only what was reviewed: fails unless the reviewers' key signed for this archive. */
  @func({ cache: "session" })
  async attestVerify_beforeUse(archive: File, review: File, reviewers: File): Promise<File> {
    await dag
      .attest()
      .verify([review], { file: archive, keys: [reviewers], predicateType: "https://example.com/review/v1" })
      .assert();
    return archive;
  }

  /** The verdict instead of an error: what was checked, and what nobody looked at. */
  @func({ cache: "session" })
  async attestVerify_verdict(archive: File, review: File, reviewers: File): Promise<string> {
    const verdict = dag.attest().verify([review], { file: archive, keys: [reviewers] });
    const [passed, checks, notChecked] = await Promise.all([
      verdict.passed(),
      verdict.checks(),
      verdict.notChecked(),
    ]);
    return [`passed: ${passed}`, ...checks, "not checked:", ...notChecked].join("\n");
  }
}
