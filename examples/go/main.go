// How another module makes, signs and verifies attestations: one function per thing to do.
//
// A module can't return another module's types on Dagger v0.21. So these return the File that everything
// ends in, and take the Files that others made.
package main

import (
	"context"
	"encoding/json"

	"dagger/examples/internal/dagger"
)

type Examples struct{}

// An SBOM of a container as an in-toto statement: the container's image is its subject.
func (m *Examples) AttestSbom(app *dagger.Container) *dagger.File {
	return dag.Attest().Sbom(dagger.AttestSbomOpts{Container: app, Name: "registry.example/team/app"}).AsFile()
}

// The same, signed with a private key: a Sigstore bundle that cosign verifies.
// +cache="session"
func (m *Examples) AttestSbom_Signed(app *dagger.Container, key, passphrase *dagger.Secret) *dagger.File {
	return dag.Attest().
		Sbom(dagger.AttestSbomOpts{Container: app}).
		Sign(dagger.AttestAttestationSignOpts{Key: key, Passphrase: passphrase}).
		AsFile()
}

// A release in one call: pushed with SBOM and provenance, signed, attached, read back and verified.
// +cache="never"
func (m *Examples) AttestPublish(ctx context.Context, app *dagger.Container, address string, key, passphrase *dagger.Secret) (string, error) {
	return dag.Attest().
		Publish(app, address, dagger.AttestPublishOpts{Sbom: true, Provenance: true, Key: key, Passphrase: passphrase}).
		Reference(ctx)
}

// The same where the registry is a service: one of the session, or with tcp://localhost:5000 one of the host.
// +cache="never"
func (m *Examples) AttestPublish_Service(ctx context.Context, app *dagger.Container, registry *dagger.Service, key, passphrase *dagger.Secret) (string, error) {
	return dag.Attest().
		Publish(app, "localhost:5000/team/app:1", dagger.AttestPublishOpts{
			RegistryService: registry,
			Provenance:      true,
			Key:             key,
			Passphrase:      passphrase,
		}).
		Reference(ctx)
}

// An attestation of this module's own: what a test run printed, about the source that was tested.
func (m *Examples) AttestStatement_TestRun(ctx context.Context, source *dagger.Directory) (*dagger.File, error) {
	output, err := dag.Container().
		From("golang:1.26-alpine").
		WithDirectory("/src", source).
		WithWorkdir("/src").
		WithExec([]string{"go", "test", "./..."}).
		Stdout(ctx)
	if err != nil {
		return nil, err
	}
	predicate, err := json.Marshal(map[string]string{"command": "go test ./...", "output": output})
	if err != nil {
		return nil, err
	}
	return dag.Attest().
		Statement("https://example.com/test-run/v1", dag.File("run.json", string(predicate))).
		WithSubjectDirectory(source, dagger.AttestAttestationWithSubjectDirectoryOpts{Name: "source"}).
		AsFile(), nil
}

// What several modules said of one build, signed at once: a directory with a bundle for each.
// Any object with AsFile can be collected; Go wants it to be named as one.
// +cache="session"
func (m *Examples) AttestCollect(app *dagger.Container, report *dagger.File, others []*dagger.File, key, passphrase *dagger.Secret) *dagger.Directory {
	sbom := dag.Attest().Sbom(dagger.AttestSbomOpts{Container: app})
	tests := dag.Attest().TestResult([]*dagger.File{report}).WithSubjectContainer(app)
	return dag.Attest().
		Collect(dagger.AttestCollectOpts{
			Attestations: []dagger.AttestAttestationLike{sbom.AsAttestAttestationLike(), tests.AsAttestAttestationLike()},
			Files:        others,
		}).
		Sign(dagger.AttestCollectionSignOpts{Key: key, Passphrase: passphrase}).
		Directory()
}

// A build that ships only what was reviewed: fails unless the reviewers' key signed for this archive.
// +cache="session"
func (m *Examples) AttestVerify_BeforeUse(ctx context.Context, archive, review, reviewers *dagger.File) (*dagger.File, error) {
	err := dag.Attest().
		Verify([]*dagger.File{review}, dagger.AttestVerifyOpts{
			File:          archive,
			Keys:          []*dagger.File{reviewers},
			PredicateType: "https://example.com/review/v1",
		}).
		Assert(ctx)
	if err != nil {
		return nil, err
	}
	return archive, nil
}
