import type { Batches, Delivery } from '@rookery/message-queue';

/** Takes messages and answers them until so many different ones have come. */
export const take = async <T>(
  batches: Batches<T>,
  count: number,
  answer: (delivery: Delivery<T>) => void = (d) => d.ack(),
): Promise<Delivery<T>[]> => {
  const taken = new Map<number, Delivery<T>>();
  for await (const batch of batches) {
    for (const delivery of batch) {
      taken.set(delivery.sequence, delivery);
      answer(delivery);
    }
    if (taken.size >= count) break;
  }
  return [...taken.values()];
};
