import { expect } from 'chai';
import { architectures } from '../../../src/engine/architectures/index.js';
import { WinnowError, toErrorData, type ErrorCode } from '../../../src/engine/support/errors.js';
import { describeError } from '../../../src/ui/locales/errors.js';
import { templates as errorTemplates } from '../../../src/ui/locales/errors.ko.js';
import { templates } from '../../../src/ui/locales/ko.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';

const sources = import.meta.glob<string>('../../../src/ui/**/*.ts', { query: '?raw', import: 'default', eager: true });
const catalogue = Object.values(import.meta.glob<string>('../../../src/engine/support/errors.ts', { query: '?raw', import: 'default', eager: true }))[0];

interface Message {
  readonly file: string;
  readonly id: string;
  readonly places: number;
}

/** Every `msg(…, {id: '…'})` of the page's sources, with the number of values in its template. */
function messages(): { found: Message[]; withoutId: string[] } {
  const found: Message[] = [];
  const withoutId: string[] = [];
  for (const [file, source] of Object.entries(sources)) {
    for (const call of source.matchAll(/\bmsg\(/g)) {
      const text = argumentsOf(source, call.index + call[0].length);
      const id = /\{ id: (?:'([^']+)'|`[^`]*`|id) \}$|\{ id \}$/.exec(text.trim());
      if (!id) withoutId.push(`${file}: ${text.slice(0, 60)}`);
      else if (id[1]) found.push({ file, id: id[1], places: text.startsWith('str`') ? placesOf(text) : 0 });
    }
  }
  return { found, withoutId };
}

/** From just behind a call's opening parenthesis to before the closing one; strings and templates may hold parentheses. */
function argumentsOf(source: string, start: number): string {
  const open: string[] = ['('];
  let at = start;
  for (; open.length > 0; at++) {
    const character = source[at];
    const top = open.at(-1)!;
    if (character === '\\') at++;
    else if (top === "'" || top === '`') {
      if (character === top) open.pop();
      else if (top === '`' && character === '$' && source[at + 1] === '{') open.push('{'), at++;
    } else if (character === "'" || character === '`' || character === '(' || character === '{') open.push(character);
    else if (character === ')' || character === '}') open.pop();
  }
  return source.slice(start, at - 1);
}

/** Values of the outermost template. */
function placesOf(text: string): number {
  let depth = 0;
  let places = 0;
  let at = text.indexOf('`') + 1;
  for (; !(depth === 0 && text[at] === '`'); at++) {
    if (text.startsWith('${', at)) {
      if (depth === 0) places++;
      depth++;
      at++;
    } else if (depth > 0 && text[at] === '{') depth++;
    else if (depth > 0 && text[at] === '}') depth--;
  }
  return places;
}

describe('Korean', () => {
  after(() => chooseLocale('en'));

  const { found, withoutId } = messages();

  it('reads the sources', () => {
    expect(found.length).to.be.greaterThan(80);
    expect(found.find(({ id }) => id === 'dataset.done-of')?.places).to.equal(2);
  });

  it('has a template for every message', () => {
    expect(found.filter(({ id }) => !(id in templates)).map(({ file, id }) => `${file}: ${id}`)).to.deep.equal([]);
  });

  it('has no template that nobody asks for', () => {
    const asked = new Set(found.map(({ id }) => id));
    const dynamic = /^(error|refusal|arch)\./;
    expect(Object.keys(templates).filter((id) => !asked.has(id) && !dynamic.test(id))).to.deep.equal([]);
  });

  it('has the words of every architecture', () => {
    const wanted = architectures.flatMap(({ id, options }) => [`arch.${id}`, ...options.map(({ name }) => `arch.${id}.${name}`)]);
    expect(wanted.filter((id) => !(id in templates))).to.deep.equal([]);
    expect(Object.keys(templates).filter((id) => id.startsWith('arch.') && !wanted.includes(id))).to.deep.equal([]);
  });

  it('names every message', () => {
    expect(withoutId).to.deep.equal([]);
  });

  it('uses only values that the English has', () => {
    const wrong = found.filter(({ id, places }) => {
      const template = templates[id];
      return template !== undefined && typeof template !== 'string' && template.values.some((value) => !(Number(value) < places));
    });
    expect(wrong.map(({ id }) => id)).to.deep.equal([]);
  });

  it('has both sentences of every error, with the details of the English', () => {
    const details = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    const entries = [...catalogue.matchAll(/^ {2}'?([\w-]+)'?: \['(.*)', '(.*)'\],$/gm)];
    expect(entries.length).to.be.greaterThan(20);
    for (const [, code, what, remedy] of entries) {
      for (const [part, english] of [['what', what], ['remedy', remedy]]) {
        const korean = new Map(Object.entries(errorTemplates)).get(`error.${code}.${part}`);
        expect(korean, `error.${code}.${part}`).to.be.a('string');
        expect(details(korean!), `error.${code}.${part}`).to.deep.equal(details(english));
      }
    }
  });

  it('fills an error’s details', async () => {
    const error = toErrorData(new WinnowError('class-too-small' satisfies ErrorCode, { class: 'Basmati', count: 1, least: 2 }));
    await chooseLocale('ko');
    expect(describeError(error).what).to.equal('클래스 Basmati의 사진이 1장뿐이라 나눌 수 없습니다.');
    await chooseLocale('en');
    expect(describeError(error).what).to.equal(error.what);
  });

  it('marks the document', async () => {
    await chooseLocale('ko');
    expect(document.documentElement.lang).to.equal('ko');
    expect(localStorage.getItem('winnow.locale')).to.equal('ko');
  });
});
