import type { Answer, Ask } from '../support/clients/raw-client.ts';
import type { Account } from '../support/index.ts';

/** Asks to publish this body, which may be anything, as this account. */
export const publish = (ask: Ask, by: Account, body: unknown, more: object = {}): Promise<Answer> =>
  ask(
    {
      query:
        'mutation ($input: PublishPostInput!) { publishPost(input: $input) { activity { id } post { id body } } }',
      variables: { input: { body, ...more } },
    },
    by.token,
  );

interface Published {
  readonly activity: { readonly id: string };
  readonly post: { readonly id: string; readonly body: string };
}

/** Returns what was published. Throws the answer if it was refused. */
export const publishedIn = ({ data, text }: Answer): Published => {
  if (!data?.publishPost) throw new Error(text);
  return data.publishPost as Published;
};
