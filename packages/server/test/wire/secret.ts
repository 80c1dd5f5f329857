// What the servers of these tests check user tokens with.
export const secret = 'a-secret-of-the-tests-0123456789'
