/** A module whose main object has no constructor. */
import { func, object } from "@dagger.io/dagger";

/** Has no constructor. */
@object()
export class Bare {
  /** Set by an initialiser, which never runs. */
  @func()
  items: string[] = ["one"];

  /** What the field holds when a function is called. */
  @func()
  itemsType(): string {
    return typeof this.items;
  }
}
