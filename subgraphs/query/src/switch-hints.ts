import type { LiveTopic } from '@rookery/feeds';
import type { Hints } from './hints.ts';

/** Hints of one place at a time: whoever watches goes along when another one is used. */
export interface SwitchedHints extends Hints {
  use(next: Hints): void;
}

export const switchHints = (first: Hints): SwitchedHints => {
  let used = first;
  const watches = new Set<{
    readonly topic: LiveTopic;
    readonly onHint: Parameters<Hints['watch']>[1];
    stop: () => void;
  }>();
  const onChanges = new Set<() => void>();
  const tell = (): void => {
    for (const onChange of [...onChanges]) onChange();
  };
  let forget = used.watchConnection(tell);
  return {
    watch(topic, onHint) {
      const watch = { topic, onHint, stop: used.watch(topic, onHint) };
      watches.add(watch);
      return () => {
        watches.delete(watch);
        watch.stop();
      };
    },
    watchConnection(onChange) {
      onChanges.add(onChange);
      return () => onChanges.delete(onChange);
    },
    get connected() {
      return used.connected;
    },
    use(next) {
      if (next === used) return;
      used = next;
      forget();
      forget = next.watchConnection(tell);
      for (const watch of watches) {
        watch.stop();
        watch.stop = next.watch(watch.topic, watch.onHint);
      }
      // Nobody knows what was said in between.
      tell();
    },
    close: () => forget(),
  };
};
