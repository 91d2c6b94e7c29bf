// slsa-schema reads in-toto statements with SLSA Provenance v1 by the schema of the in-toto project: its
// protobuf messages, in their JSON form. Fields that the schema lacks are refused, those of an extension
// (https://slsa.dev/spec/v1.2/build-provenance#extension-fields) excepted: `<vendor>_<name>`.
// Usage: slsa-schema STATEMENT... Prints a line per file; exit code 1 when one is refused.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	statement "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

func main() {
	code := 0
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Printf("%s: %v\n", path, err)
			code = 1
			continue
		}
		fmt.Printf("%s: valid\n", path)
	}
	os.Exit(code)
}

func check(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	read := &statement.Statement{}
	if err := protojson.Unmarshal(text, read); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	if err := read.Validate(); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	if read.PredicateType != "https://slsa.dev/provenance/v1" {
		return fmt.Errorf("predicateType: %s", read.PredicateType)
	}
	fields := read.Predicate.AsMap()
	withoutExtensions(fields["runDetails"])
	plain, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	predicate := &provenance.Provenance{}
	if err := protojson.Unmarshal(plain, predicate); err != nil {
		return fmt.Errorf("predicate: %w", err)
	}
	if err := predicate.Validate(); err != nil {
		return fmt.Errorf("predicate: %w", err)
	}
	return nil
}

// Extensions stand in runDetails and in its metadata; what else has such a name is free content.
func withoutExtensions(runDetails any) {
	details, isMap := runDetails.(map[string]any)
	if !isMap {
		return
	}
	for _, fields := range []any{details, details["metadata"], details["builder"]} {
		named, isMap := fields.(map[string]any)
		if !isMap {
			continue
		}
		for name := range named {
			if strings.Contains(name, "_") {
				delete(named, name)
			}
		}
	}
}
