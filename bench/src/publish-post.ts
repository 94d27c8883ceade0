/** Publishes a post and returns as soon as it is accepted. */
export const publishPost =
  'mutation ($input: PublishPostInput!) { publishPost(input: $input) { activity { id } } }';

/** Text of a usual length. */
export const body =
  'The engine might compose elaborate and scientific pieces of music of any degree of complexity.';
