import { config } from 'chai';

// A failed assertion shows whole tokens, headers and claims.
config.truncateThreshold = 0;
