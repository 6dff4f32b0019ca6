/** Remembers the latest answer for as long as the arguments stay the same, so that an element sees a new list only where there is one. */
export function latest<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let known: { readonly args: A; readonly result: R } | null = null;
  return (...args) => {
    if (!known || known.args.some((arg, index) => arg !== args[index])) known = { args, result: compute(...args) };
    return known.result;
  };
}
