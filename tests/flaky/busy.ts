// One core's worth of load, until the thread is terminated.
for (let n = 0; ; n++) Math.sqrt(n);

export {};
