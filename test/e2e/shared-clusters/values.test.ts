import { runSharedScenarios } from './run-shared-scenarios.ts';

await runSharedScenarios('values');
