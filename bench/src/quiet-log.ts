import { createLog } from '@rookery/service';

/** Logger for the stores, quiet so that log lines do not appear between the figures. */
export const quiet = createLog('bench', 'fatal');
