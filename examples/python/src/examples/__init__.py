"""How another module makes, signs and verifies attestations: one function per thing to do.

A module can't return another module's types on Dagger v0.21. So these return the `File` that everything
ends in, and take the `File`s that others made.
"""

import json

import dagger
from dagger import dag, function, object_type


@object_type
class Examples:
    @function
    def attest_sbom(self, app: dagger.Container) -> dagger.File:
        """An SBOM of a container as an in-toto statement: the container's image is its subject."""
        return dag.attest().sbom(container=app, name="registry.example/team/app").as_file()

    @function(cache="session")
    def attest_sbom__signed(
        self, app: dagger.Container, key: dagger.Secret, passphrase: dagger.Secret
    ) -> dagger.File:
        """The same, signed with a private key: a Sigstore bundle that cosign verifies."""
        return dag.attest().sbom(container=app).sign(key=key, passphrase=passphrase).as_file()

    @function(cache="never")
    async def attest_publish(
        self, app: dagger.Container, address: str, key: dagger.Secret, passphrase: dagger.Secret
    ) -> str:
        """A release in one call: pushed with SBOM and provenance, signed, attached, read back and verified."""
        return await (
            dag.attest()
            .publish(app, address, sbom=True, provenance=True, key=key, passphrase=passphrase)
            .reference()
        )

    @function(cache="never")
    async def attest_publish__service(
        self,
        app: dagger.Container,
        registry: dagger.Service,
        key: dagger.Secret,
        passphrase: dagger.Secret,
    ) -> str:
        """The same where the registry is a service: one of the session, or with tcp://localhost:5000 one of the host."""
        return await (
            dag.attest()
            .publish(
                app,
                "localhost:5000/team/app:1",
                registry_service=registry,
                provenance=True,
                key=key,
                passphrase=passphrase,
            )
            .reference()
        )

    @function
    async def attest_statement__licences(self, source: dagger.Directory) -> dagger.File:
        """An attestation of this module's own: which licence files a source tree has."""
        found = sorted(await source.glob("**/LICEN[CS]E*"))
        predicate = json.dumps({"scanner": "glob", "licences": found})
        return (
            dag.attest()
            .statement("https://example.com/licences/v1", dag.file("licences.json", predicate))
            .with_subject_directory(source, name="source")
            .as_file()
        )

    @function(cache="session")
    def attest_collect(
        self,
        app: dagger.Container,
        report: dagger.File,
        others: list[dagger.File],
        key: dagger.Secret,
        passphrase: dagger.Secret,
    ) -> dagger.Directory:
        """What several modules said of one build, signed at once: a directory with a bundle for each."""
        sbom = dag.attest().sbom(container=app)
        tests = dag.attest().test_result([report]).with_subject_container(app)
        return (
            dag.attest()
            .collect(attestations=[sbom, tests], files=others)
            .sign(key=key, passphrase=passphrase)
            .directory()
        )

    @function(cache="session")
    async def attest_verify__before_use(
        self, archive: dagger.File, review: dagger.File, reviewers: dagger.File
    ) -> dagger.File:
        """A build that ships only what was reviewed: fails unless the reviewers' key signed for this archive."""
        verdict = dag.attest().verify(
            [review],
            file=archive,
            keys=[reviewers],
            predicate_type="https://example.com/review/v1",
        )
        await verdict.assert_()
        return archive
