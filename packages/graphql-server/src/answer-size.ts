/**
 * Longest answer of a subgraph, in bytes. The gateway reads no more, and the query subgraph makes none that is longer:
 * it ends its pages early instead.
 */
export const maxAnswerBytes = 8_388_608;
