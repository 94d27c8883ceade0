/**
 * True in the package that is installed outside of this repository: its build sets the variable, and leaves out the commands that need
 * a clone.
 */
export const isPackage = process.env.ROOKERY_SCHEMA_PACKAGE === 'true';

/** Returns a text with the commands as they are called here. */
export const asCalledHere = (text: string): string =>
  isPackage ? text.replaceAll('npm run schema --', 'rookery-schema') : text;

/** Folder in which the command was called: npm starts the scripts of this repository at its root. */
export const callerFolder = (): string =>
  isPackage ? process.cwd() : (process.env.INIT_CWD ?? process.cwd());
