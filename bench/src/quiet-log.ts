import { createLog } from '@rookery/runtime';

/** Logger for the stores, quiet so that log lines do not appear between the figures. */
export const quiet = createLog('bench', 'fatal');
