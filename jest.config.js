/** Tests run compiled, so that they test what ships. */
export default {
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  roots: ['<rootDir>/dist/test'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 60_000,
  maxWorkers: 2,
  setupFilesAfterEnv: ['<rootDir>/dist/test/kit/retry.js'],
  globalSetup: '<rootDir>/dist/test/kit/global-setup.js',
  globalTeardown: '<rootDir>/dist/test/kit/global-teardown.js',
  reporters: ['default', '<rootDir>/dist/test/kit/reporter.js'],
}
