/**
 * Lets Node run the contenders as it is: it takes the types off by itself, and is only told that `x.js` is written as
 * `x.ts`. With its compile cache, nothing is compiled anew at each start, as in a program that was built.
 */
import { registerHooks } from "node:module";

registerHooks({
  resolve: (specifier, context, next) => {
    const isOurs = specifier.startsWith(".") && context.parentURL?.endsWith(".ts") === true;
    return next(isOurs ? specifier.replace(/\.js$/, ".ts") : specifier, context);
  },
});
