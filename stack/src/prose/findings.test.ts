import { describe, expect, it } from 'vitest';
import { findingsIn } from './findings.ts';

const names = (path: string, source: string) => findingsIn(path, source).map(({ rule }) => rule.name);
const lines = (path: string, source: string) => findingsIn(path, source).map(({ line }) => line);

describe('findings in a TypeScript file', () => {
  it.each([
    ['/** What became of each write. */', 'clause as subject'],
    ['// Whether it is there.', 'clause as subject'],
    ['// Whoever asks gets it.', 'clause as subject'],
    ['// Whatever comes is kept.', 'clause as subject'],
    ['/** Returns nothing where Redis is down. */', 'where for if'],
    ['// starts anew', 'anew'],
    ["const text = 'the queue is away';", 'is away'],
    ['const text = `the keys  can not be fetched`;', 'can not'],
    ['/** @throws RookeryError where the text is empty */', 'where for if'],
    ['/** Returns one.\n *\n * Of two, the first wins. */', 'clause as subject'],
  ])('%s', (source, rule) => {
    expect(names('a.ts', source)).toContain(rule);
  });

  it.each([
    ['/** Status of each accepted write. */'],
    ['// What is a bot? See the glossary.'],
    ['/** Returns the folder where the data is. */'],
    ["const sql = 'select * from events where id = $1';"],
    ["const word = 'anew';"],
    ['const where = away ? 1 : /what is away/.test(anew);'],
    ['/** Returns `where it is away`. */'],
  ])('accepts %s', (source) => {
    expect(names('a.ts', source)).toEqual([]);
  });

  it('reads line comments that follow each other as one text', () => {
    expect(names('a.ts', '// The name of the person\n// who wrote it.\n')).toEqual([]);
  });

  it('names the line on which the sentence starts', () => {
    expect(lines('a.ts', 'const a = `x\n`;\n/**\n * Returns one.\n * What is it.\n */')).toEqual([5]);
  });
});

describe('findings in other files', () => {
  it('reads the text of Markdown, not its code', () => {
    const page = '# What it is\n\n```sh\n# starts anew\n```\n\n- Starts `anew`, anew.\n';
    expect(findingsIn('a.md', page).map(({ line, rule }) => `${line} ${rule.name}`)).toEqual([
      '1 clause as subject',
      '7 anew',
    ]);
  });

  it('reads descriptions and comments of SDL', () => {
    const sdl =
      '# set for ever\ntype Query {\n  "Null where there is none."\n  a: Int\n  """\n  What it is.\n  """\n  b: Int\n}\n';
    expect(names('a.graphql', sdl)).toEqual(['for ever', 'where for if', 'clause as subject']);
  });

  it('reads comments of YAML', () => {
    expect(names('a.yaml', '# Where the data is.\nwhere: away\n')).toEqual(['clause as subject']);
  });
});
