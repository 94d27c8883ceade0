// Preloaded by bootstrap.mjs into every command. Descriptor 3 is a pipe whose other end only bootstrap.mjs holds;
// when it closes, bootstrap.mjs is gone, by SIGKILL too, and the command has to go as well.
import { Socket } from 'node:net';

if (process.env.ROOKERY_LIFELINE !== undefined) {
  const lifeline = new Socket({ fd: Number(process.env.ROOKERY_LIFELINE), readable: true, writable: false });
  // Children inherit the environment and perhaps this preload, but not the pipe.
  delete process.env.ROOKERY_LIFELINE;
  lifeline.on('error', () => {});
  lifeline.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 12_000).unref();
  });
  lifeline.resume();
  lifeline.unref();
}
