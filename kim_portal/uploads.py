"""How the portal receives a file: in memory alone, and no more of it than a document may have."""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class MemoryUpload(FileUploadHandler):
    """Keep an uploaded file in memory; of one that is too large, only how large it was.

    Django's own handler writes larger files into a temporary folder, where they would lie
    unencrypted. All files of one request share the allowance, whatever the browser says of them.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.kept = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.received = 0
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        self.kept += len(raw_data)
        if self.kept > settings.LARGEST_DOCUMENT:
            self.content = BytesIO()
        else:
            self.content.write(raw_data)

    def file_complete(self, file_size):
        self.content.seek(0)
        return InMemoryUploadedFile(
            file=self.content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=self.received,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
