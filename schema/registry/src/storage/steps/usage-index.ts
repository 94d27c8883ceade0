/** Lets usage be read page by page, and documents be found that no count is left of. */
export const usageIndexStep = `
  create index usage_document on registry.usage (document_id, environment, hour);
`;
