"""Words laid on speech (Xu et al. 2019): trained, measured, and written as files that ship."""
