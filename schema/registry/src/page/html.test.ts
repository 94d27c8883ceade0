import { expect, test } from 'vitest';
import { html } from './html.ts';

test('every value is escaped, in text and in attributes, and HTML is not escaped twice', () => {
  const hostile = `"><script>alert('1')</script>&\``;
  expect(html`<a title="${hostile}">${hostile}</a>`.text).toBe(
    `<a title="&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;&#96;">&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;&#96;</a>`,
  );
  expect(html`<ul>${[1, '<'].map((one) => html`<li>${one}</li>`)}</ul>`.text).toBe(
    '<ul><li>1</li><li>&#60;</li></ul>',
  );
  expect(html`${null}${undefined}${false}${0}`.text).toBe('0');
});

test('what reorders text is shown and does not work', () => {
  expect(html`${'a\u202eb\u2066c'}`.text).toBe('aU+202EbU+2066c');
});
