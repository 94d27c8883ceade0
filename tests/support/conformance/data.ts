/** Data that both sides of the comparison share; they share no code. */
export const products = [
  {
    upc: 'p1',
    sku: { vendor: 'v1', code: 'c1' },
    name: 'Lamp',
    grams: 1_500,
    price: 30,
    stock: 4,
    dims: { width: 3, depth: 4 },
    tags: [['a', 'b'], null, []],
  },
  {
    upc: 'p2',
    sku: { vendor: 'v1', code: 'c2' },
    name: 'Desk',
    grams: 20_000,
    price: 250,
    stock: 0,
    dims: { width: null, depth: 7 },
    tags: [],
  },
  {
    upc: 'p3',
    sku: { vendor: 'v2', code: 'c1' },
    name: 'Pen',
    grams: null,
    price: null,
    stock: 9,
    dims: null,
    tags: [['']],
  },
] as const;

export const bundles = [
  { id: 'b1', price: 0, tags: [['c']], items: ['p1', 'p3'], lead: 'm3' },
  { id: 'b2', price: null, tags: [null], items: [], lead: 'm9' },
] as const;

export const media = [
  { kind: 'Book', id: 'm1', title: 'Notes', year: 1843, pages: 60 },
  { kind: 'Book', id: 'm2', title: 'Sketch', year: null, pages: null },
  { kind: 'Film', id: 'm3', title: 'Engine', year: 1991, minutes: 93 },
] as const;

/** u3 has no rank, although the schema promises one: what null does on its way up is part of the comparison. */
export const users = [
  { id: 'u1', name: 'Ada', email: 'ada@example.org', rank: 1, friend: 'u2' },
  { id: 'u2', name: 'Ben', email: null, rank: 2, friend: 'u3' },
  { id: 'u3', name: 'Cyd', email: 'cyd@example.org', rank: null, friend: null },
] as const;

export const reviews = [
  { id: 'r1', text: 'Bright.', author: 'u1', media: 'm1', product: 'p1', related: [['m3', 'm1'], null, []] },
  { id: 'r2', text: null, author: 'u2', media: 'm3', product: 'p2', related: null },
  { id: 'r3', text: 'Long.', author: 'u3', media: 'm3', product: 'p1', related: [] },
  { id: 'r4', text: 'Again.', author: 'u1', media: 'm2', product: 'p3', related: [['m2']] },
] as const;

export const rating: Readonly<Record<string, number | null>> = { m1: 4.5, m2: null, m3: 3 };

/** Converts grams to the requested unit; each side derives other values by itself. */
export const inUnit = (grams: number | null, unit: string): number | null =>
  grams === null ? null : unit === 'KILO' ? grams / 1_000 : grams;
