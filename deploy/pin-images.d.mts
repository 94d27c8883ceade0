/** Images of other people in a file, with their digest if they have one. */
export declare const imagesIn: (
  text: string,
) => readonly { readonly tag: string; readonly digest?: string }[];

/** Writes the digest of each image into a file's text. */
export declare const pin: (text: string, digestOf: (tag: string) => string) => string;
