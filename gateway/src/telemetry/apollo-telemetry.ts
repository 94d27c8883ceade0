// Imported before @apollo/gateway, which would otherwise report usage to its maker.
process.env.APOLLO_TELEMETRY_DISABLED = 'true';
