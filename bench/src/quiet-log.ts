import { createLog } from '@rookery/service';

/** What the stores say while they are measured would stand between the figures. */
export const quiet = createLog('bench', 'fatal');
