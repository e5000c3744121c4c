"""The pages of `/manage/`."""
