/** An object of an answer, fetched or made: its fields by their response names. */
export type Data = Record<string, unknown>;
