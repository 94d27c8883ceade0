/** Scope of the tokens of moderators. */
export const moderate = 'moderate';
