/* SPDX-License-Identifier: MIT
 *
 * The floor of all programs: started, and ended.
 */
int main(void)
{
	return 0;
}
