import { type Html, html } from './html.ts';

/** Frame that all pages have around their content. */
export interface Frame {
  readonly title: string;
  /** Environments to choose from. */
  readonly environments: readonly string[];
  readonly environment: string | undefined;
  /** Name of the token of whoever reads it. */
  readonly reader: string;
  /** Path of the section, below `/registry`. */
  readonly section: string;
}

const sections = [
  ['', 'Overview'],
  ['/versions', 'Versions'],
  ['/graph', 'Graph'],
  ['/checks', 'Checks'],
  ['/approvals', 'Approvals'],
  ['/usage', 'Usage'],
  ['/launches', 'Launches'],
  ['/operations', 'Operations'],
  ['/webhooks', 'Webhooks'],
] as const;

const document = (title: string, body: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Schema registry</title>
<link rel="icon" href="/registry/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/registry/assets/style.css">
<script src="/registry/assets/page.js" defer></script>
</head>
<body>${body}</body>
</html>`;

/** Returns the address of a page, for one environment. */
export const link = (
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const text = new URLSearchParams(given).toString();
  return `/registry${path}${text === '' ? '' : `?${text}`}`;
};

const navigation = ({ section, environment }: Frame): Html =>
  html`<nav aria-label="Sections"><ul>${sections.map(
    ([path, name]) =>
      html`<li><a href="${link(path, { environment })}"${path === section ? html` aria-current="page"` : ''}>${name}</a></li>`,
  )}</ul></nav>`;

const chooser = ({ environments, environment, section }: Frame): Html | '' =>
  environments.length < 2
    ? ''
    : html`<form class="chooser" method="get" action="${link(section)}">
<label>Environment <select name="environment">${environments.map(
        (name) => html`<option${name === environment ? html` selected` : ''}>${name}</option>`,
      )}</select></label> <button>Show</button></form>`;

/** Returns a page for somebody who is signed in. */
export const framed = (frame: Frame, content: Html): Html =>
  document(
    frame.title,
    html`<a class="skip" href="#content">Skip to the content</a>
<header><p class="brand"><a href="/registry">Schema registry</a></p>${navigation(frame)}${chooser(frame)}
<form method="post" action="/registry/sign-out"><span class="reader">${frame.reader}</span> <button>Sign out</button></form></header>
<main id="content" tabindex="-1"><h1>${frame.title}</h1>${content}</main>`,
  );

/** Returns a page with a message alone. */
export const messagePage = (title: string, message: string): Html =>
  document(
    title,
    html`<main class="alone"><h1>${title}</h1><p>${message}</p><p><a href="/registry">To the registry</a></p></main>`,
  );

/** Returns the form for a token. */
export const signInPage = (problem?: string): Html =>
  document(
    'Sign in',
    html`<main class="alone"><h1>Schema registry</h1>${problem === undefined ? '' : html`<p role="alert" class="bad">${problem}</p>`}
<form method="post" action="/registry/sign-in">
<p><label for="token">Token with the scope <code>read</code></label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
<p><button>Sign in</button></p></form></main>`,
  );

/** Returns a time for people, with the exact one for machines. */
export const time = (iso: string | null): Html | string =>
  iso === null ? 'never' : html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;

/** Returns a table with a caption. Cells may be HTML. */
export const table = (
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number | null)[])[],
  nothing: string,
): Html => {
  if (rows.length === 0) return html`<p class="nothing">${nothing}</p>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
};

/** Returns a word in a color that says whether it is good. */
export const badge = (word: string, mood: 'good' | 'bad' | 'plain'): Html =>
  html`<span class="badge ${mood}">${word}</span>`;

/** Returns a link to what is older; nothing if this is the last page. */
export const olderLink = (
  path: string,
  environment: string | undefined,
  before: number | undefined,
): Html | '' =>
  before === undefined ? '' : html`<p><a href="${link(path, { environment, before })}">Older</a></p>`;
