/**
 * Checks of values from outside: each takes what JSON.parse gave and returns it typed, or throws a {@link SchemaError}
 * that names the place. Only the fields asked for are kept.
 */
export type Parse<T> = (value: unknown, at: string) => T;

export class SchemaError extends Error {}

export function refuse(why: string): never {
  throw new SchemaError(why);
}

/** The value of a JSON text. */
export function parseText(json: string, at: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return refuse(`${at} is no JSON`);
  }
}

/** The value of a JSON file, which is UTF-8. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  let json;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(`${name} is no JSON`);
  }
  return parseText(json, name);
}

export const text =
  (most: number): Parse<string> =>
  (value, at) =>
    typeof value === 'string' && value.length <= most ? value : refuse(`${at} is no text of at most ${most} characters`);

/** Finite; a JSON number may overflow to Infinity. */
export const real =
  (least = -Infinity, most = Infinity): Parse<number> =>
  (value, at) =>
    typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most ? value : refuse(`${at} is no number from ${least} to ${most}`);

export const whole =
  (least: number, most: number): Parse<number> =>
  (value, at) =>
    Number.isInteger(real(least, most)(value, at)) ? (value as number) : refuse(`${at} is no whole number`);

export const flag: Parse<boolean> = (value, at) => (typeof value === 'boolean' ? value : refuse(`${at} is neither true nor false`));

export const oneOf =
  <const T extends readonly (string | number | boolean | null)[]>(...values: T): Parse<T[number]> =>
  (value, at) =>
    values.find((allowed) => allowed === value) ?? (values.includes(null) && value === null ? null : refuse(`${at} is none of ${values.join(', ')}`));

export const list =
  <T>(item: Parse<T>, least: number, most: number): Parse<T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length >= least && value.length <= most
      ? value.map((each, index) => item(each, `${at}[${index}]`))
      : refuse(`${at} is no list of ${least} to ${most}`);

export const pair =
  <T>(item: Parse<T>): Parse<[T, T]> =>
  (value, at) => {
    const [first, second] = list(item, 2, 2)(value, at);
    return [first, second];
  };

export const object =
  <S extends Record<string, Parse<unknown>>>(shape: S): Parse<{ [K in keyof S]: ReturnType<S[K]> }> =>
  (value, at) => {
    const fields = entries(value, at);
    return Object.fromEntries(Object.entries(shape).map(([key, parse]) => [key, parse(fields.get(key), `${at}.${key}`)])) as { [K in keyof S]: ReturnType<S[K]> };
  };

export const record =
  <T>(item: Parse<T>, most: number): Parse<Record<string, T>> =>
  (value, at) => {
    const fields = entries(value, at);
    if (fields.size > most) refuse(`${at} has more than ${most} fields`);
    return Object.fromEntries([...fields].map(([key, each]) => [key, item(each, `${at}.${key}`)]));
  };

export const nullable =
  <T>(parse: Parse<T>): Parse<T | null> =>
  (value, at) =>
    value === null ? null : parse(value, at);

/** What the first takes, else what the second does. */
export const either =
  <A, B>(first: Parse<A>, second: Parse<B>): Parse<A | B> =>
  (value, at) => {
    try {
      return first(value, at);
    } catch (error) {
      if (error instanceof SchemaError) return second(value, at);
      throw error;
    }
  };

/** What is absent takes the default. */
export const optional =
  <T>(parse: Parse<T>, absent: T): Parse<T> =>
  (value, at) =>
    value === undefined ? absent : parse(value, at);

/** Objects told apart by the value of one field. */
export const variant =
  <K extends string, V extends Record<string, Parse<object>>>(key: K, variants: V): Parse<{ [N in keyof V]: ReturnType<V[N]> & Record<K, N> }[keyof V]> =>
  (value, at) => {
    const name = entries(value, at).get(key);
    const parse = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : refuse(`${at}.${key} is none of ${Object.keys(variants).join(', ')}`);
    return { [key]: name, ...parse(value, at) } as { [N in keyof V]: ReturnType<V[N]> & Record<K, N> }[keyof V];
  };

/** Own fields only: a file may name `__proto__`. */
export function entries(value: unknown, at: string): Map<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : refuse(`${at} is no object`);
}
