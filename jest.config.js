/** Tests run compiled, so that they test what ships. */
export default {
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  roots: ['<rootDir>/dist/test'],
  testEnvironment: 'node',
  transform: {},
  // For machines that are busy; what has to be quick says so itself.
  testTimeout: 120_000,
  // As many as the cores that are meant: each has a host beside it, and PostgreSQL works for all.
  maxWorkers: 2,
  setupFilesAfterEnv: ['<rootDir>/dist/test/kit/retry.js'],
  globalSetup: '<rootDir>/dist/test/kit/global-setup.js',
  globalTeardown: '<rootDir>/dist/test/kit/global-teardown.js',
  reporters: ['default', '<rootDir>/dist/test/kit/reporter.js'],
}
