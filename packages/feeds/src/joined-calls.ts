interface Asked<Question, Answer> {
  readonly question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Limits of one call. */
export interface JoinLimits<Question> {
  readonly questions: number;
  readonly weight: number;
  weightOf(question: Question): number;
}

/** Splits what was asked for into what one call may ask for. */
const parts = <Question, Answer>(
  asked: readonly Asked<Question, Answer>[],
  limits: JoinLimits<Question>,
): Asked<Question, Answer>[][] => {
  const all: Asked<Question, Answer>[][] = [];
  let last: Asked<Question, Answer>[] = [];
  let weight = 0;
  for (const one of asked) {
    const own = limits.weightOf(one.question);
    if (last.length === 0 || last.length >= limits.questions || weight + own > limits.weight) {
      last = [];
      weight = 0;
      all.push(last);
    }
    last.push(one);
    weight += own;
  }
  return all;
};

/**
 * Joins questions that are asked while a step of this process runs: one call of Redis instead of one for each, which costs the
 * client more than its work. They wait for nothing but the end of that step.
 * @param call answers questions, in their order
 */
export const joinCalls = <Question, Answer>(
  call: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  limits: JoinLimits<Question>,
): ((question: Question) => Promise<Answer>) => {
  let open: Asked<Question, Answer>[] = [];
  const answer = async (asked: readonly Asked<Question, Answer>[]): Promise<void> => {
    try {
      const answers = await call(asked.map(({ question }) => question));
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i] as Answer);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  const sendOpen = (): void => {
    const asked = open;
    open = [];
    for (const part of parts(asked, limits)) void answer(part);
  };
  return (question) =>
    new Promise((resolve, reject) => {
      // After the microtasks of this step, in which those who work concurrently come to the same question.
      if (open.length === 0) process.nextTick(sendOpen);
      open.push({ question, resolve, reject });
    });
};
