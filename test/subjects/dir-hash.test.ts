import { expect, test } from "vitest";

import { dirHashBuilder } from "../../src/subjects/dir-hash.js";

test("the example of digest_set.md: github.com/marklodato/go-hello-world@v0.0.1", () => {
  const builder = dirHashBuilder();
  const root = "github.com/marklodato/go-hello-world@v0.0.1";
  builder.addFile(`${root}/README.md`, "3a137eef6458bfb76bb2c63fc29ffc7166604d2d2e09ed9d8250a534122a8364");
  builder.addFile(`${root}/go.mod`, "28e7c942a036902d981759d0bf5704d2bfc7cb500caf68b84711b234af01c6a5");
  builder.addFile(`${root}/main.go`, "ddc4da627d9a9f45fb29641a1b185d6f53287ecfd921aacbf4fe54b7a86fe8d1");
  expect(builder.finish()).toEqual({
    id: "2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f",
  });
});
