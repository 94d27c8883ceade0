const heading = (version: string): string => `## [${version}]`;

/** Returns the section of a version; undefined if there is none. */
export const sectionOf = (changelog: string, version: string): string | undefined => {
  const start = changelog.indexOf(`\n${heading(version)}`);
  if (start === -1) return undefined;
  const end = changelog.indexOf('\n## [', start + 1);
  const section = changelog.slice(start + 1, end === -1 ? undefined : end);
  return section.slice(section.indexOf('\n') + 1).trim();
};

/**
 * Turns the unreleased section into that of a version.
 * @param date as YYYY-MM-DD
 * @throws Error if the version exists, or nothing is unreleased
 */
export const release = (changelog: string, version: string, date: string): string => {
  if (sectionOf(changelog, version) !== undefined)
    throw new Error(`CHANGELOG.md has a section ${version} already`);
  if (!sectionOf(changelog, 'Unreleased')) throw new Error('nothing is unreleased in CHANGELOG.md');
  return changelog.replace(
    heading('Unreleased'),
    `${heading('Unreleased')}\n\n${heading(version)} - ${date}`,
  );
};
